@NullMarked
package org.holdfast.channel;

import org.jspecify.annotations.NullMarked;
