package org.holdfast.identity;

import com.google.protobuf.ByteString;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import org.holdfast.wire.BlockHeader;

/// A validated member of one MSP. Immutable.
///
/// @param mspId the organisation
/// @param certificate the leaf
/// @param key its public key, as the provider in use holds it
/// @param mark equal for two identities that are the same person: the digest of the signed part of the certificate.
/// (Not of the
///     whole: a CA's signature can be rewritten into a second valid form, and one member must not count twice.)
/// @param issuers the chain above the leaf, the direct issuer first
/// @param units the leaf's OU attributes
/// @param roles by NodeOU unit, or ADMIN by the MSP's explicit list
public record Identity(
        String mspId,
        X509Certificate certificate,
        PublicKey key,
        ByteString mark,
        List<X509Certificate> issuers,
        List<String> units,
        Set<Role> roles) {
    /// Whether the certificate's validity has ended.
    ///
    /// @param wallMillis now
    public boolean expiredAt(long wallMillis) {
        return certificate.getNotAfter().toInstant().toEpochMilli() < wallMillis;
    }

    /// Whether this identity is one of those the principal means.
    public boolean satisfies(Principal principal) {
        return switch (principal) {
            case Principal.Member member -> member.mspId().equals(mspId);
            case Principal.InRole inRole -> inRole.mspId().equals(mspId) && roles.contains(inRole.role());
            case Principal.InUnit inUnit ->
                inUnit.mspId().equals(mspId) && units.contains(inUnit.unit()) && chainMatches(inUnit.chainDigest());
            case Principal.Exactly exactly ->
                exactly.mspId().equals(mspId) && exactly.mark().equals(mark);
            case Principal.AllOf allOf -> allOf.principals().stream().allMatch(this::satisfies);
            case Principal.Nominal _ -> true;
            case Principal.Nobody _ -> false;
        };
    }

    private boolean chainMatches(ByteString chainDigest) {
        return chainDigest.isEmpty() || chainDigest.equals(chainDigest(issuers));
    }

    /// SHA-256 over the chain's certificates, the direct issuer first: Fabric's "certifiers identifier".
    static ByteString chainDigest(List<X509Certificate> chain) {
        var digest = BlockHeader.sha256();
        for (X509Certificate certificate : chain) {
            try {
                digest.update(certificate.getEncoded());
            } catch (CertificateEncodingException e) {
                throw new AssertionError("a parsed certificate has an encoding", e);
            }
        }
        return ByteString.copyFrom(digest.digest());
    }

    static ByteString markOf(X509Certificate certificate) {
        try {
            return ByteString.copyFrom(BlockHeader.sha256().digest(certificate.getTBSCertificate()));
        } catch (CertificateEncodingException e) {
            throw new AssertionError("a parsed certificate has an encoding", e);
        }
    }
}
