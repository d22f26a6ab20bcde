/// A room of a house that breaks the law, for the test of the law.
@NullMarked
package org.holdfast.lab.planted.right;

import org.jspecify.annotations.NullMarked;
