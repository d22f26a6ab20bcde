@NullMarked
package org.holdfast.ledger;

import org.jspecify.annotations.NullMarked;
