package org.holdfast.transport;

import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.env.Clock;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.env.World;
import org.jspecify.annotations.Nullable;

/// What the gRPC listeners count: connections, streams, messages, calls and how they ended. All names are Fabric's.
/// Only methods that are served are counted, so nobody can invent a series.
public final class TransportFigures {
    private static final String[] METHOD = {"service", "method"};
    private static final String[] ENDED = {"service", "method", "code"};

    static final Metric.Counter OPENED =
            Metric.counter("grpc_comm_conn_opened", "Connections whose handshake succeeded.", "connections");
    static final Metric.Counter CLOSED = Metric.counter(
            "grpc_comm_conn_closed", "Connections that ended; open ones are opened less closed.", "connections");
    static final Metric.Counter STREAM_REQUESTS = Metric.counter(
            "grpc_server_stream_requests_received", "Streams that clients and members began.", "streams", METHOD);
    static final Metric.Counter STREAM_COMPLETED =
            Metric.counter("grpc_server_stream_requests_completed", "Streams that ended.", "streams", ENDED);
    static final Metric.Timing STREAM_DURATION =
            Metric.timing("grpc_server_stream_request_duration", "How long streams lasted.", ENDED);
    static final Metric.Counter RECEIVED =
            Metric.counter("grpc_server_stream_messages_received", "Messages received on streams.", "messages", METHOD);
    static final Metric.Counter SENT =
            Metric.counter("grpc_server_stream_messages_sent", "Messages sent on streams.", "messages", METHOD);
    static final Metric.Counter UNARY_REQUESTS = Metric.counter(
            "grpc_server_unary_requests_received", "Calls with one request and one answer.", "calls", METHOD);
    static final Metric.Counter UNARY_COMPLETED =
            Metric.counter("grpc_server_unary_requests_completed", "Such calls that were answered.", "calls", ENDED);
    static final Metric.Timing UNARY_DURATION =
            Metric.timing("grpc_server_unary_request_duration", "How long such calls took.", ENDED);
    static final Metric.Counter DELIVER_OPENED =
            Metric.counter("deliver_streams_opened", "Deliver streams that began.", "streams");
    static final Metric.Counter DELIVER_CLOSED =
            Metric.counter("deliver_streams_closed", "Deliver streams that ended.", "streams");
    static final Metric.Gauge INGRESS = Metric.gauge(
            "cluster_comm_ingress_stream_count", "Streams that members hold open to this node.", "streams");

    /// Everything the transport counts.
    public static final List<Metric> ALL = List.of(
            OPENED,
            CLOSED,
            STREAM_REQUESTS,
            STREAM_COMPLETED,
            STREAM_DURATION,
            RECEIVED,
            SENT,
            UNARY_REQUESTS,
            UNARY_COMPLETED,
            UNARY_DURATION,
            DELIVER_OPENED,
            DELIVER_CLOSED,
            INGRESS);

    private final Metrics metrics;
    private final Clock clock;

    TransportFigures(World world) {
        this.metrics = world.metrics();
        this.clock = world.clock();
    }

    /// Counts connections.
    ServerTransportFilter connections() {
        Metrics.Counter opened = metrics.counter(OPENED);
        Metrics.Counter closed = metrics.counter(CLOSED);
        Attributes.Key<Boolean> counted = Attributes.Key.create("holdfast-counted");
        return new ServerTransportFilter() {
            @Override
            public Attributes transportReady(Attributes attributes) {
                opened.increment();
                return attributes.toBuilder().set(counted, true).build();
            }

            @Override
            public void transportTerminated(@Nullable Attributes attributes) {
                if (attributes != null && attributes.get(counted) != null) {
                    closed.increment();
                }
            }
        };
    }

    /// The same service, its calls counted.
    ServerServiceDefinition counting(ServerServiceDefinition service) {
        Map<String, OfMethod> methods = new HashMap<>();
        for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
            MethodDescriptor<?, ?> descriptor = method.getMethodDescriptor();
            methods.put(descriptor.getFullMethodName(), new OfMethod(metrics, clock, descriptor));
        }
        return ServerInterceptors.intercept(service, new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                OfMethod figures = methods.get(call.getMethodDescriptor().getFullMethodName());
                if (figures == null) {
                    return next.startCall(call, headers);
                }
                Counted<Q, R> counted = new Counted<>(call, figures);
                return counted.listener(next.startCall(counted, headers));
            }
        });
    }

    /// The series of one method, looked up once.
    private static final class OfMethod {
        private final Metrics metrics;
        private final Clock clock;
        private final String service;
        private final String method;
        private final boolean unary;
        private final boolean deliver;
        private final boolean member;
        private final Metrics.Counter requests;
        private final Metrics.@Nullable Counter received;
        private final Metrics.@Nullable Counter sent;
        private final Map<Status.Code, Ended> ended = new ConcurrentHashMap<>();

        private record Ended(Metrics.Counter count, Metrics.Timing duration) {}

        OfMethod(Metrics metrics, Clock clock, MethodDescriptor<?, ?> descriptor) {
            this.metrics = metrics;
            this.clock = clock;
            this.service = String.valueOf(descriptor.getServiceName()).replace('.', '_');
            this.method = String.valueOf(descriptor.getBareMethodName());
            this.unary = descriptor.getType() == MethodDescriptor.MethodType.UNARY;
            this.deliver = descriptor.getFullMethodName().equals(Methods.DELIVER.getFullMethodName());
            this.member = Methods.CLUSTER.equals(descriptor.getServiceName());
            this.requests = metrics.counter(unary ? UNARY_REQUESTS : STREAM_REQUESTS, service, method);
            this.received = unary ? null : metrics.counter(RECEIVED, service, method);
            this.sent = unary ? null : metrics.counter(SENT, service, method);
        }

        void begun() {
            requests.increment();
            if (deliver) {
                metrics.counter(DELIVER_OPENED).increment();
            }
            if (member && !unary) {
                metrics.gauge(INGRESS).add(1);
            }
        }

        void received() {
            if (received != null) {
                received.increment();
            }
        }

        void sent() {
            if (sent != null) {
                sent.increment();
            }
        }

        void ended(Status.Code code, long began) {
            Ended figures = ended.computeIfAbsent(code, this::series);
            figures.count.increment();
            figures.duration.observe(clock.nanos() - began);
            if (deliver) {
                metrics.counter(DELIVER_CLOSED).increment();
            }
            if (member && !unary) {
                metrics.gauge(INGRESS).add(-1);
            }
        }

        private Ended series(Status.Code code) {
            return new Ended(
                    metrics.counter(unary ? UNARY_COMPLETED : STREAM_COMPLETED, service, method, name(code)),
                    metrics.timing(unary ? UNARY_DURATION : STREAM_DURATION, service, method, name(code)));
        }

        /// The code as Fabric's figures spell it: `OK`, `Canceled`, `InvalidArgument`.
        private static String name(Status.Code code) {
            if (code == Status.Code.OK) {
                return "OK";
            }
            if (code == Status.Code.CANCELLED) {
                return "Canceled";
            }
            StringBuilder name = new StringBuilder();
            for (String word : code.name().split("_", -1)) {
                name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
            }
            return name.toString();
        }
    }

    private static final class Counted<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final OfMethod figures;
        private final long began;
        private final AtomicBoolean over = new AtomicBoolean();

        Counted(ServerCall<Q, R> call, OfMethod figures) {
            super(call);
            this.figures = figures;
            this.began = figures.clock.nanos();
            figures.begun();
        }

        ServerCall.Listener<Q> listener(ServerCall.Listener<Q> inner) {
            return new SimpleForwardingServerCallListener<>(inner) {
                @Override
                public void onMessage(Q message) {
                    figures.received();
                    super.onMessage(message);
                }

                @Override
                public void onCancel() {
                    over(Status.Code.CANCELLED);
                    super.onCancel();
                }
            };
        }

        @Override
        public void sendMessage(R message) {
            figures.sent();
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            over(status.getCode());
            super.close(status, trailers);
        }

        private void over(Status.Code code) {
            if (over.compareAndSet(false, true)) {
                figures.ended(code, began);
            }
        }
    }
}
