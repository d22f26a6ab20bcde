package org.holdfast.channel;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.common.MSPRole;
import org.hyperledger.fabric.protos.common.SignaturePolicy;
import org.hyperledger.fabric.protos.common.SignaturePolicyEnvelope;

/// A signature policy as configtx.yaml writes it: `OR('Org1MSP.admin', AND('Org2MSP.peer', 'Org3MSP.member'))`,
/// `OutOf(2, 'A.member', 'B.member', 'C.member')`. Used once, by one thread.
///
/// Principals are numbered as Fabric's tools number them: a call's own principals after those of the calls within it,
/// each anew even when it is there already.
final class SignatureRule {
    private static final Pattern TOKEN = Pattern.compile("\\s*([A-Za-z]+|[0-9]+|[(),]|'[^']*'|\"[^\"]*\")\\s*");
    private static final Pattern PRINCIPAL = Pattern.compile("([A-Za-z0-9.-]+)\\.(admin|member|client|peer|orderer)");

    private final List<String> tokens;
    private final SignaturePolicyEnvelope.Builder envelope = SignaturePolicyEnvelope.newBuilder();
    private int at;

    private SignatureRule(List<String> tokens) {
        this.tokens = tokens;
    }

    /// The text is no rule; says where.
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String text) {
            super(text);
        }
    }

    static SignaturePolicyEnvelope parse(String text) throws Unreadable {
        List<String> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(text);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            tokens.add(matcher.group(1));
            end = matcher.end();
        }
        if (end != text.length() || tokens.isEmpty()) {
            throw new Unreadable("nothing can be made of '%s'".formatted(text.substring(end)));
        }
        SignatureRule rule = new SignatureRule(tokens);
        SignaturePolicy root = rule.call(0);
        if (rule.at != tokens.size()) {
            throw new Unreadable("'%s' stands after the end".formatted(rule.next()));
        }
        return rule.envelope.setRule(root).build();
    }

    private SignaturePolicy call(int depth) throws Unreadable {
        if (depth > Policy.DEEPEST) {
            throw new Unreadable("it is nested deeper than " + Policy.DEEPEST);
        }
        String name = next().toLowerCase(Locale.ROOT);
        if (!name.equals("and") && !name.equals("or") && !name.equals("outof")) {
            throw new Unreadable("'%s' stands where AND, OR or OutOf is wanted".formatted(tokens.get(at - 1)));
        }
        expect("(");
        int needed = 0;
        if (name.equals("outof")) {
            needed = count();
            expect(",");
        }
        // Principals stay texts until the calls among the arguments have numbered theirs.
        List<Object> arguments = new ArrayList<>();
        do {
            String token = peek();
            if (token.startsWith("'") || token.startsWith("\"")) {
                arguments.add(next());
            } else {
                arguments.add(call(depth + 1));
            }
        } while (taken(","));
        expect(")");
        SignaturePolicy.NOutOf.Builder rules = SignaturePolicy.NOutOf.newBuilder();
        for (Object argument : arguments) {
            rules.addRules(argument instanceof SignaturePolicy inner ? inner : signedBy(argument.toString()));
        }
        int count = arguments.size();
        int wanted = name.equals("and") ? count : name.equals("or") ? 1 : needed;
        // Fabric's tools let a rule ask for one more than there are: nobody can satisfy it.
        if (wanted > count + 1) {
            throw new Unreadable("OutOf asks for %d of %d".formatted(wanted, count));
        }
        return SignaturePolicy.newBuilder().setNOutOf(rules.setN(wanted)).build();
    }

    private int count() throws Unreadable {
        String token = next().replaceAll("['\"]", "");
        if (!token.matches("[0-9]{1,6}")) {
            throw new Unreadable("'%s' stands where OutOf wants a number".formatted(token));
        }
        return Integer.parseInt(token);
    }

    private SignaturePolicy signedBy(String quoted) throws Unreadable {
        String text = quoted.substring(1, quoted.length() - 1);
        Matcher matcher = PRINCIPAL.matcher(text);
        if (!matcher.matches()) {
            throw new Unreadable(
                    "'%s' is no principal such as Org1MSP.admin; roles are admin, member, client, peer, orderer"
                            .formatted(text));
        }
        MSPRole role = MSPRole.newBuilder()
                .setMspIdentifier(matcher.group(1))
                .setRole(MSPRole.MSPRoleType.valueOf(matcher.group(2).toUpperCase(Locale.ROOT)))
                .build();
        envelope.addIdentities(MSPPrincipal.newBuilder()
                .setPrincipalClassification(MSPPrincipal.Classification.ROLE)
                .setPrincipal(role.toByteString()));
        return SignaturePolicy.newBuilder()
                .setSignedBy(envelope.getIdentitiesCount() - 1)
                .build();
    }

    private String peek() throws Unreadable {
        if (at >= tokens.size()) {
            throw new Unreadable("it ends too early");
        }
        return tokens.get(at);
    }

    private String next() throws Unreadable {
        String token = peek();
        at++;
        return token;
    }

    private boolean taken(String token) throws Unreadable {
        if (peek().equals(token)) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(String token) throws Unreadable {
        String found = next();
        if (!found.equals(token)) {
            throw new Unreadable("'%s' stands where '%s' is wanted".formatted(found, token));
        }
    }
}
