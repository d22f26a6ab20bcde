@NullMarked
package org.holdfast.node;

import org.jspecify.annotations.NullMarked;
