@NullMarked
package org.holdfast.lab;

import org.jspecify.annotations.NullMarked;
