package org.holdfast.lab.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.util.List;

/// Loads the simulator with its orderer and ledger once more, with a bug in one of their methods.
final class PlantedLoader extends ClassLoader {
    private static final List<String> OWN =
            List.of("org.holdfast.order.", "org.holdfast.ledger.", "org.holdfast.lab.sim.");

    private final PlantedBug bug;
    private boolean planted;

    PlantedLoader(PlantedBug bug) {
        super(PlantedLoader.class.getClassLoader());
        this.bug = bug;
    }

    /// Whether the method was there to put the bug in.
    boolean isPlanted() {
        return planted;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (OWN.stream().noneMatch(name::startsWith)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            return known != null ? known : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            byte[] code = name.equals(bug.type()) ? planted(bytes) : bytes;
            return defineClass(name, code, 0, code.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] planted(byte[] bytes) {
        ClassHierarchyResolver types = ClassHierarchyResolver.ofResourceParsing(getParent());
        ClassFile files = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(types));
        ClassTransform transform = ClassTransform.transformingMethodBodies(
                method -> method.methodName().equalsString(bug.method()), before(bug.first()));
        return files.transformClass(files.parse(bytes), transform);
    }

    private CodeTransform before(PlantedBug.First first) {
        return new CodeTransform() {
            @Override
            public void atStart(CodeBuilder code) {
                planted = true;
                first.write(code);
            }

            @Override
            public void accept(CodeBuilder code, CodeElement element) {
                code.with(element);
            }
        };
    }
}
