package org.holdfast.identity;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.hyperledger.fabric.protos.msp.SerializedIdentity;

/// The organisations of one channel config: creator bytes in, a validated member out. Safe from any thread.
public final class MspSet {
    /// Members kept validated.
    private static final int REMEMBERED = 10_000;
    /// Bytes; a longer creator is no certificate anybody uses.
    private static final int LONGEST_CREATOR = 64 * 1024;

    private final Map<String, Msp> msps;
    private final Recent<ByteString, Identity> recent = new Recent<>(REMEMBERED);

    private MspSet(Map<String, Msp> msps) {
        this.msps = msps;
    }

    /// The set of these organisations.
    ///
    /// @throws BadMaterial when two of them share an id and differ
    public static MspSet of(Collection<Msp> msps) {
        Map<String, Msp> byId = new TreeMap<>();
        for (Msp msp : msps) {
            Msp other = byId.putIfAbsent(msp.id(), msp);
            if (other != null && !other.equals(msp)) {
                throw new BadMaterial("two different MSPs have the id " + msp.id());
            }
        }
        return new MspSet(byId);
    }

    /// The organisation with an id.
    public Optional<Msp> msp(String id) {
        return Optional.ofNullable(msps.get(id));
    }

    /// The member a creator names. A known creator costs a lookup; an unknown one a chain check. Refused ones are not
    /// kept, so that nobody can push members out with rubbish.
    ///
    /// @param creator serialized `msp.SerializedIdentity`
    /// @throws BadMaterial telling why it is nobody's member
    public Identity identity(ByteString creator) {
        Identity known = recent.get(creator);
        if (known != null) {
            return known;
        }
        SerializedIdentity serialized = decode(creator);
        Msp msp = msps.get(serialized.getMspid());
        if (msp == null) {
            throw new BadMaterial(
                    "no organisation of the channel has the MSP id '%s'".formatted(serialized.getMspid()));
        }
        Identity identity = msp.validate(certificateOf(serialized));
        // A copy: the given bytes may point into a whole request.
        recent.put(ByteString.copyFrom(creator.toByteArray()), identity);
        return identity;
    }

    /// When a creator's certificate runs out, whether or not it is anybody's member: milliseconds since the epoch.
    /// Empty when it carries no certificate.
    public OptionalLong expiryMillis(ByteString creator) {
        Identity known = recent.get(creator);
        try {
            X509Certificate certificate = known == null ? certificateOf(creator) : known.certificate();
            return OptionalLong.of(certificate.getNotAfter().toInstant().toEpochMilli());
        } catch (BadMaterial noCertificate) {
            return OptionalLong.empty();
        }
    }

    /// The certificate a creator carries, unjudged.
    ///
    /// @throws BadMaterial when there is none
    public static X509Certificate certificateOf(ByteString creator) {
        return certificateOf(decode(creator));
    }

    private static X509Certificate certificateOf(SerializedIdentity serialized) {
        return Pem.firstCertificate(serialized.getIdBytes().toByteArray(), "the creator");
    }

    private static SerializedIdentity decode(ByteString creator) {
        if (creator.size() > LONGEST_CREATOR) {
            throw new BadMaterial(
                    "the creator is %d bytes long, %d at most".formatted(creator.size(), LONGEST_CREATOR));
        }
        try {
            return SerializedIdentity.parseFrom(creator);
        } catch (InvalidProtocolBufferException e) {
            throw new BadMaterial("the creator is no serialized identity", e);
        }
    }
}
