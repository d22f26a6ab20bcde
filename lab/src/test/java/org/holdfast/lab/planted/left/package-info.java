/// A room of a house that breaks the law, for the test of the law.
@NullMarked
package org.holdfast.lab.planted.left;

import org.jspecify.annotations.NullMarked;
