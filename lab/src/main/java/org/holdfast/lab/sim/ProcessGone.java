package org.holdfast.lab.sim;

/// The process that runs this code has just been killed: unwinds what was under way in it. An error without a trace,
/// which no handler of the code under test catches.
final class ProcessGone extends Error {
    private static final long serialVersionUID = 1L;

    private final transient Host host;

    ProcessGone(Host host) {
        super("process " + host.name() + " was killed", null, false, false);
        this.host = host;
    }

    Host host() {
        return host;
    }
}
