@NullMarked
package org.holdfast.order;

import org.jspecify.annotations.NullMarked;
