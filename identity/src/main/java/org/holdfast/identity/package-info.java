@NullMarked
package org.holdfast.identity;

import org.jspecify.annotations.NullMarked;
