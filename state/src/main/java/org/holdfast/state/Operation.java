package org.holdfast.state;

/// A command whose words were understood and checked: a record of one of the families of this room.
public sealed interface Operation {
    /// Looks at the state and changes nothing.
    non-sealed interface Reading extends Operation {
        /// Answers from the entries as they are.
        Reply run(Entries entries);
    }

    /// May change the state. A reply that is a [Reply.Failure] has changed nothing.
    non-sealed interface Writing extends Operation {
        /// Changes what is to be changed and answers.
        Reply run(Editor editor);
    }
}
