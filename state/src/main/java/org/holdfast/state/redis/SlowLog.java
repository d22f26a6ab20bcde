package org.holdfast.state.redis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.holdfast.env.Clock;
import org.holdfast.state.Command;
import org.holdfast.state.Reply;

/// The last requests that took long, from the end of their reading to their reply. Any thread.
final class SlowLog {
    private static final int WORDS_MAX = 32;
    private static final int WORD_BYTES_MAX = 128;

    private final Deque<Reply> entries = new ArrayDeque<>();
    private final Tuning tuning;
    private long nextId;

    SlowLog(Tuning tuning) {
        this.tuning = tuning;
    }

    /// Keeps a request if it is one of them.
    ///
    /// @param clock says when it ended
    void note(Command command, long micros, Client client, Clock clock) {
        long slow = tuning.slowMicros;
        if (slow < 0 || micros < slow) {
            return;
        }
        keep(command, micros, client, clock.wallMillis());
    }

    private synchronized void keep(Command command, long micros, Client client, long wallMillis) {
        entries.addFirst(new Reply.Listing(List.of(
                Reply.of(nextId++),
                Reply.of(wallMillis / 1000),
                Reply.of(micros),
                words(command),
                Reply.bulk(Addresses.text(client.from)),
                Reply.bulk(client.name))));
        while (entries.size() > tuning.slowKept) {
            entries.removeLast();
        }
    }

    synchronized Reply.Listing newest(int count) {
        List<Reply> items = new ArrayList<>();
        Iterator<Reply> each = entries.iterator();
        while (items.size() < count && each.hasNext()) {
            items.add(each.next());
        }
        return new Reply.Listing(items);
    }

    synchronized int size() {
        return entries.size();
    }

    synchronized void clear() {
        entries.clear();
    }

    private static Reply words(Command command) {
        List<byte[]> argv = command.argv();
        List<Reply> items = new ArrayList<>();
        int shown = argv.size() > WORDS_MAX ? WORDS_MAX - 1 : argv.size();
        for (int i = 0; i < shown; i++) {
            byte[] word = secret(argv, i) ? AclUser.bytes("(redacted)") : argv.get(i);
            if (word.length > WORD_BYTES_MAX) {
                String more = "... (%d more bytes)".formatted(word.length - WORD_BYTES_MAX);
                byte[] cut = Arrays.copyOf(word, WORD_BYTES_MAX + more.length());
                System.arraycopy(AclUser.bytes(more), 0, cut, WORD_BYTES_MAX, more.length());
                word = cut;
            }
            items.add(Reply.of(word));
        }
        if (shown < argv.size()) {
            items.add(Reply.bulk("... (%d more arguments)".formatted(argv.size() - shown)));
        }
        return new Reply.Listing(items);
    }

    private static boolean secret(List<byte[]> argv, int at) {
        String name = Answers.lower(argv.getFirst());
        return at > 0 && (name.equals("auth") || name.equals("hello"));
    }
}
