package org.holdfast.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.jspecify.annotations.Nullable;

/// Certificate chains from a leaf to a root, and revocation. Immutable.
///
/// A chain is judged at the leaf's NotBefore plus one second, as Fabric does: an authority must have been valid when
/// it issued, and its later expiry does not switch off everybody it vouched for.
final class Chains {
    private static final int KEY_CERT_SIGN = 5;
    private static final String SUBJECT_KEY_ID = "2.5.29.14";
    private static final String AUTHORITY_KEY_ID = "2.5.29.35";
    /// Certificates from leaf to root at most.
    private static final int LONGEST = 10;

    private final List<X509Certificate> roots;
    private final List<X509Certificate> authorities;
    private final List<X509CRL> revocations;
    /// Authorities with authorities below them. As in Fabric they vouch for no member themselves.
    private final Set<X509Certificate> inner = new HashSet<>();

    /// The authorities of one MSP.
    ///
    /// @param roots trusted as they are
    /// @param intermediates trusted when they chain to a root
    Chains(List<X509Certificate> roots, List<X509Certificate> intermediates, List<X509CRL> revocations) {
        this.roots = List.copyOf(roots);
        this.revocations = List.copyOf(revocations);
        List<X509Certificate> all = new ArrayList<>(intermediates);
        all.addAll(roots);
        this.authorities = List.copyOf(all);
        intermediates.forEach(this::noteAbove);
    }

    private void noteAbove(X509Certificate intermediate) {
        try {
            Instant judgedAt = intermediate.getNotBefore().toInstant().plusSeconds(1);
            List<X509Certificate> path = climb(intermediate, judgedAt, new HashSet<>(), 0);
            if (path != null) {
                inner.addAll(path);
            }
        } catch (IllegalArgumentException | IllegalStateException undecodable) {
            // Nothing that it has issued will chain either, and its members are told so.
        }
    }

    /// The certificates above a leaf, the direct issuer first, a root last.
    ///
    /// @throws BadMaterial telling why the leaf is not to be trusted
    List<X509Certificate> above(X509Certificate leaf) {
        try {
            return chain(leaf);
        } catch (IllegalArgumentException | IllegalStateException e) { // the ASN.1 decoder's ways to say "malformed"
            throw new BadMaterial(name(leaf) + " has an undecodable key identifier", e);
        }
    }

    private List<X509Certificate> chain(X509Certificate leaf) {
        Instant judgedAt = leaf.getNotBefore().toInstant().plusSeconds(1);
        if (judgedAt.isAfter(leaf.getNotAfter().toInstant())) {
            throw new BadMaterial(name(leaf) + " was never valid");
        }
        List<X509Certificate> path = climb(leaf, judgedAt, new HashSet<>(), 0);
        if (path == null) {
            throw new BadMaterial(name(leaf) + " was not issued by an authority of this MSP");
        }
        if (inner.contains(path.getFirst())) {
            throw new BadMaterial("%s was issued by %s, which this MSP leaves to its intermediate authorities"
                    .formatted(name(leaf), name(path.getFirst())));
        }
        X509Certificate below = leaf;
        for (X509Certificate issuer : path) {
            if (revoked(below, issuer)) {
                throw new BadMaterial("%s, serial number %s, is revoked"
                        .formatted(name(below), below.getSerialNumber().toString(16)));
            }
            below = issuer;
        }
        return path;
    }

    private @Nullable List<X509Certificate> climb(
            X509Certificate below, Instant judgedAt, Set<X509Certificate> seen, int depth) {
        if (depth >= LONGEST) {
            return null;
        }
        for (X509Certificate candidate : authorities) {
            if (seen.contains(candidate) || !mayIssue(candidate, depth, judgedAt) || !issued(candidate, below)) {
                continue;
            }
            if (roots.contains(candidate)) {
                return List.of(candidate);
            }
            seen.add(candidate);
            List<X509Certificate> rest = climb(candidate, judgedAt, seen, depth + 1);
            seen.remove(candidate);
            if (rest != null) {
                List<X509Certificate> path = new ArrayList<>();
                path.add(candidate);
                path.addAll(rest);
                return List.copyOf(path);
            }
        }
        return null;
    }

    private static boolean mayIssue(X509Certificate authority, int authoritiesBelow, Instant judgedAt) {
        return isAuthority(authority)
                && authority.getBasicConstraints() >= authoritiesBelow
                && !judgedAt.isBefore(authority.getNotBefore().toInstant())
                && !judgedAt.isAfter(authority.getNotAfter().toInstant());
    }

    /// Whether a certificate may sign others at all.
    static boolean isAuthority(X509Certificate certificate) {
        boolean[] usage = certificate.getKeyUsage();
        return certificate.getBasicConstraints() >= 0 && (usage == null || usage[KEY_CERT_SIGN]);
    }

    private static boolean issued(X509Certificate authority, X509Certificate below) {
        if (!authority.getSubjectX500Principal().equals(below.getIssuerX500Principal())) {
            return false;
        }
        byte[] wanted = authorityKeyId(below.getExtensionValue(AUTHORITY_KEY_ID));
        byte[] offered = subjectKeyId(authority);
        if (wanted != null && offered != null && !Arrays.equals(wanted, offered)) {
            return false;
        }
        return signedBy(below, authority.getPublicKey());
    }

    private static boolean signedBy(X509Certificate below, PublicKey key) {
        try {
            below.verify(key);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private boolean revoked(X509Certificate certificate, X509Certificate issuer) {
        for (X509CRL list : revocations) {
            if (list.getRevokedCertificate(certificate.getSerialNumber()) != null && madeBy(list, issuer)) {
                return true;
            }
        }
        return false;
    }

    private static boolean madeBy(X509CRL list, X509Certificate issuer) {
        byte[] wanted = authorityKeyId(list.getExtensionValue(AUTHORITY_KEY_ID));
        byte[] offered = subjectKeyId(issuer);
        boolean named = (wanted != null && offered != null)
                ? Arrays.equals(wanted, offered)
                : list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
        if (!named) {
            return false;
        }
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static byte @Nullable [] subjectKeyId(X509Certificate certificate) {
        byte[] extension = certificate.getExtensionValue(SUBJECT_KEY_ID);
        return extension == null
                ? null
                : content(content(extension, ASN1OctetString.class).getOctets(), ASN1OctetString.class)
                        .getOctets();
    }

    /// The identifier in an AuthorityKeyIdentifier (RFC 5280, 4.2.1.1); null when it names the authority in another
    /// way.
    private static byte @Nullable [] authorityKeyId(byte @Nullable [] extension) {
        if (extension == null) {
            return null;
        }
        byte[] inside = content(extension, ASN1OctetString.class).getOctets();
        for (ASN1Encodable part : content(inside, ASN1Sequence.class)) {
            if (part instanceof ASN1TaggedObject tagged && tagged.getTagNo() == 0) {
                return ASN1OctetString.getInstance(tagged, false).getOctets();
            }
        }
        return null;
    }

    /// The one element that the bytes are. Strangers choose these bytes, and the decoder has many ways to fail.
    private static <T> T content(byte[] der, Class<T> kind) {
        try {
            ASN1Primitive read = ASN1Primitive.fromByteArray(der);
            if (kind.isInstance(read)) {
                return kind.cast(read);
            }
            throw new IllegalArgumentException("it is no " + kind.getSimpleName());
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }
}
