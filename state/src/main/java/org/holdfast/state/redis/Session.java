package org.holdfast.state.redis;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.holdfast.state.Command;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection: takes its requests in their order, and gives the replies in that order.
///
/// Owner: the connection's event loop; replies of the backend come from any thread and are handed over to it. What is
/// read ahead, unanswered or not yet taken by the client is bounded: beyond a bound nothing more is read from the
/// connection, beyond the next one it is cut.
final class Session extends ChannelInboundHandlerAdapter {
    /// Requests of one connection that may be unanswered.
    static final int PIPELINE_MAX = 1024;

    /// How many at first: as many more as small replies have been given.
    static final int PIPELINE_FIRST = 16;

    /// What replies under way may come to, judged by the size of the last ones.
    static final long REPLY_BYTES_MAX = 16 << 20;

    /// Their bytes, beyond which no further one is taken.
    static final long PIPELINE_BYTES_MAX = 16 << 20;

    /// Bytes read ahead of what is taken.
    static final int AHEAD_MAX = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final int OUT_FIRST = 512;
    private static final int OUT_CHUNK = 64 << 10;

    private final Doorway door;
    private final SocketChannel channel;
    private final Client client;
    private final RespDecoder decoder;
    private final Dispatch dispatch;
    private final Overdue overdue;
    private final ArrayDeque<ByteBuf> ahead = new ArrayDeque<>();
    private final ArrayDeque<Slot> slots = new ArrayDeque<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicBoolean woken = new AtomicBoolean();
    private Slot.Kind inFlightKind = Slot.Kind.READ;
    private int aheadBytes;
    private int window = PIPELINE_FIRST;
    private long unansweredBytes;
    private @Nullable Slot held;
    private @Nullable Slot alone;
    private @Nullable ByteBuf out;
    private boolean pumping;
    private boolean again;
    private boolean ended;
    private boolean closing;
    private boolean closed;
    private boolean skipping;
    private boolean executing;
    private Waits.@Nullable Wait waiting;

    Session(Doorway door, SocketChannel channel) {
        long now = door.nanos();
        this.door = door;
        this.channel = channel;
        this.client = new Client(
                door.sessions().nextId(),
                Addresses.of(channel.remoteAddress()),
                Addresses.of(channel.localAddress()),
                now);
        this.client.user = Dispatch.byDefault(door.acl());
        this.decoder = new RespDecoder(door.settings().limits().requestBytes());
        this.dispatch = new Dispatch(door, this);
        this.overdue = new Overdue(door, channel);
    }

    Client client() {
        return client;
    }

    Doorway door() {
        return door;
    }

    EventLoop loop() {
        return channel.eventLoop();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        door.figures().opened.increment();
        door.figures().open.add(1);
        Sessions.Admission admission = door.sessions().add(client.id, this, door.tuning().clients);
        switch (admission) {
            case ADMITTED -> scheduleTick();
            case FULL -> {
                emit(Answers.err("max number of clients reached"), 2);
                cut("too many clients");
            }
            case CLOSED -> cut("the door closes");
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closed = true;
        door.figures().open.add(-1);
        door.sessions().remove(client.id, this);
        door.unanswered().addAndGet(-unansweredBytes);
        unansweredBytes = 0;
        ahead.forEach(ByteBuf::release);
        ahead.clear();
        slots.clear();
        if (out != null) {
            out.release();
            out = null;
        }
        if (waiting != null) {
            waiting.leave();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (closing || closed || !bytes.isReadable()) {
            bytes.release();
            return;
        }
        ahead.add(bytes);
        aheadBytes += bytes.readableBytes();
        pump();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        pump();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete) {
            ended = true;
            if (waiting != null) {
                // Nobody waits for long without listening.
                waiting.expire();
            }
            pump();
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof DecoderException || cause instanceof SSLException) {
            cut("TLS failed");
        } else if (cause instanceof IOException) {
            var _ = channel.close();
        } else {
            LOG.error("a Redis session broke: {}", Addresses.text(client.from), cause);
            cut("a fault of ours");
        }
    }

    /// Takes what can be taken and gives what can be given, until neither is possible.
    private void pump() {
        if (pumping) {
            again = true;
            return;
        }
        pumping = true;
        try {
            do {
                again = false;
                drain();
                takeAll();
                flush();
            } while (again && !closed);
        } finally {
            pumping = false;
        }
        settle();
    }

    private void takeAll() {
        ByteBuf in = ahead.peek();
        while (in != null && mayTake()) {
            int before = in.readableBytes();
            boolean began = !decoder.inRequest();
            List<byte[]> words;
            try {
                words = decoder.next(in, door.tuning().bulkBytes, client.known());
            } catch (ProtocolFault e) {
                answer(Answers.err("Protocol error: " + e.text()));
                door.figures().cut("protocol error", client);
                closing = true;
                return;
            }
            aheadBytes -= before - in.readableBytes();
            if (words == null) {
                ahead.remove().release();
                if (began && decoder.inRequest()) {
                    overdue.requestBegan();
                }
            } else {
                take(new Command(words));
            }
            in = ahead.peek();
        }
    }

    private boolean mayTake() {
        return !closing
                && !closed
                && held == null
                && alone == null
                && slots.size() < window
                && unansweredBytes < PIPELINE_BYTES_MAX
                && channel.isWritable();
    }

    private void take(Command command) {
        skipping = client.skipNext;
        client.skipNext = false;
        door.figures().commands.increment();
        Reply reply = dispatch.take(command);
        client.lastNanos = door.nanos();
        if (reply != null && !skipping && !client.silent) {
            answer(reply);
        }
        // Replies that were there at once leave without a queue behind them.
        drain();
    }

    /// Gives a reply in its turn.
    private void answer(Reply reply) {
        if (slots.isEmpty()) {
            emit(reply, client.version);
        } else {
            Slot slot = new Slot(Slot.NO_COMMAND, 0, false, door.nanos(), Slot.DONE);
            slot.version = client.version;
            slot.outcome(reply);
            slots.add(slot);
        }
    }

    /// CLIENT REPLY ON is answered, also right behind CLIENT REPLY SKIP.
    void speak() {
        skipping = false;
    }

    /// Takes a request whose reply comes later, or waits for those before it.
    void submit(Command command, Slot.Work work) {
        long bytes = sizeOf(command);
        Slot slot = new Slot(command, bytes, skipping || client.silent, door.nanos(), work);
        slot.version = client.version;
        unansweredBytes += bytes;
        door.unanswered().addAndGet(bytes);
        slots.add(slot);
        if (work.alone()) {
            alone = slot;
        }
        if (inFlight.get() > 0 && (work.alone() || work.kind() != inFlightKind)) {
            held = slot;
        } else {
            launch(slot);
        }
    }

    static long sizeOf(Command command) {
        long bytes = 0;
        for (byte[] word : command.argv()) {
            bytes += word.length + 16L;
        }
        return bytes;
    }

    private void launch(Slot slot) {
        inFlightKind = slot.work.kind();
        inFlight.incrementAndGet();
        CompletionStage<Reply> stage;
        try {
            stage = slot.work.begin().get();
        } catch (RuntimeException e) {
            // A refusal, or a bug that the client is told of and the log.
            stage = CompletableFuture.failedStage(e);
        }
        var _ = stage.whenComplete((reply, fault) -> done(slot, fault == null ? reply : Faults.reply(fault)));
    }

    // Any thread.
    private void done(Slot slot, Reply reply) {
        slot.outcome(reply);
        inFlight.decrementAndGet();
        // Whoever launches on the loop itself drains afterwards.
        boolean seen = loop().inEventLoop() && pumping;
        if (!seen && woken.compareAndSet(false, true)) {
            loop().execute(this::wake);
        }
    }

    private void wake() {
        woken.set(false);
        if (!closed) {
            pump();
        }
    }

    private void drain() {
        while (!closed) {
            Slot head = slots.peek();
            Reply outcome = head == null ? null : head.outcome();
            if (head != null && outcome != null && !channel.isWritable()) {
                // Given when the client has taken what was given before.
                return;
            }
            if (head != null && outcome != null) {
                slots.remove();
                give(head, outcome);
            } else if (held != null && inFlight.get() == 0) {
                Slot next = held;
                held = null;
                launch(next);
            } else {
                return;
            }
        }
    }

    private void give(Slot slot, Reply outcome) {
        unansweredBytes -= slot.bytes;
        door.unanswered().addAndGet(-slot.bytes);
        if (alone == slot) {
            alone = null;
        }
        Reply reply = slot.work.finish().apply(outcome);
        if (slot.asked()) {
            door.answered(door.directory().spec(slot.command), slot.command, reply, slot.beganNanos, client);
        }
        if (!slot.silent) {
            emit(reply, slot.version);
        }
    }

    private void emit(Reply reply, int version) {
        ByteBuf target = out;
        if (target == null) {
            target = channel.alloc().ioBuffer(OUT_FIRST);
            out = target;
        }
        int before = target.readableBytes();
        RespEncoder.write(target, reply, version);
        int bytes = target.readableBytes() - before;
        if (bytes > door.tuning().outputBytes) {
            // None of it goes out; what came before it does.
            target.writerIndex(target.readerIndex() + before);
            cut("a reply of more than client-output-buffer-limit");
            return;
        }
        window = Math.clamp(Math.min(REPLY_BYTES_MAX / Math.max(1, bytes), window + 1L), 1, PIPELINE_MAX);
        if (target.readableBytes() >= OUT_CHUNK) {
            out = null;
            var _ = channel.write(target, channel.voidPromise());
        }
    }

    private void flush() {
        ByteBuf last = out;
        if (last != null) {
            out = null;
            var _ = channel.writeAndFlush(last, channel.voidPromise());
        } else {
            channel.flush();
        }
    }

    /// What is to be done once nothing can be taken or given: end, be cut, or wait for the other side.
    private void settle() {
        if (closed) {
            return;
        }
        boolean over = closing || (ended && ahead.isEmpty());
        if (over && slots.isEmpty()) {
            closed = true;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        boolean read = !closing && aheadBytes < AHEAD_MAX && channel.isWritable();
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
    }

    /// Takes nothing more; the connection ends when everything taken has been answered. On the event loop.
    void finishAfterReply() {
        closing = true;
        if (!pumping) {
            pump();
        }
    }

    /// Ends the connection now. What was given before may still get out.
    void cut(String reason) {
        if (closed) {
            return;
        }
        door.figures().cut(reason, client);
        closed = true;
        flush();
        var _ = channel.close();
    }

    /// The blocking command that waits; null when none does.
    void waiting(Waits.@Nullable Wait wait) {
        waiting = wait;
    }

    Waits.@Nullable Wait waiting() {
        return waiting;
    }

    /// The door closes: who waits goes away with nothing, and everything taken is answered.
    void stop() {
        if (waiting != null) {
            waiting.expire();
        }
        finishAfterReply();
    }

    /// Done when the connection is closed.
    Future<?> end() {
        return channel.closeFuture();
    }

    /// Whether the client has closed its side.
    boolean ended() {
        return ended || closed;
    }

    /// Whether the replies of a transaction are being put together: nothing can be submitted meanwhile.
    boolean executing() {
        return executing;
    }

    void executing(boolean now) {
        executing = now;
    }

    Dispatch dispatch() {
        return dispatch;
    }

    private void scheduleTick() {
        var _ = loop().schedule(this::tick, overdue.lookMillis(), TimeUnit.MILLISECONDS);
    }

    private void tick() {
        if (!channel.isOpen()) {
            return;
        }
        String reason = overdue.reason(client, slots.isEmpty(), decoder.inRequest() && ahead.isEmpty());
        if (reason != null) {
            cut(reason);
        }
        scheduleTick();
    }
}
