package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Pem;
import org.hyperledger.fabric.protos.common.Orderers;

/// Reads `common.Orderers`. What is unsound in it is a hazard, not a fault: see [RaftMetadata].
final class MappingReader {
    private static final int LARGEST_PORT = 65_535;

    private MappingReader() {}

    /// @param hazards gets what is unsound
    static List<MappedConsenter> read(Orderers wire, List<String> hazards) {
        List<MappedConsenter> found = new ArrayList<>();
        Set<Integer> ids = new HashSet<>();
        for (var consenter : wire.getConsenterMappingList()) {
            String name = "mapped consenter " + Integer.toUnsignedString(consenter.getId());
            if (!ids.add(consenter.getId())) {
                hazards.add(name + " is listed twice");
            }
            if (consenter.getHost().isEmpty() || consenter.getPort() < 1 || consenter.getPort() > LARGEST_PORT) {
                hazards.add("%s has no usable address ('%s:%s')"
                        .formatted(name, consenter.getHost(), Integer.toUnsignedString(consenter.getPort())));
                continue;
            }
            try {
                found.add(new MappedConsenter(
                        consenter.getId(),
                        consenter.getHost(),
                        consenter.getPort(),
                        consenter.getMspId(),
                        certificate(consenter.getIdentity(), "the identity of " + name),
                        certificate(consenter.getClientTlsCert(), "the client certificate of " + name),
                        certificate(consenter.getServerTlsCert(), "the server certificate of " + name)));
            } catch (BadMaterial e) {
                hazards.add(String.valueOf(e.getMessage()));
            }
        }
        return found;
    }

    private static X509Certificate certificate(ByteString pem, String source) {
        return Pem.firstCertificate(pem.toByteArray(), source);
    }
}
