@NullMarked
package org.holdfast.transport;

import org.jspecify.annotations.NullMarked;
