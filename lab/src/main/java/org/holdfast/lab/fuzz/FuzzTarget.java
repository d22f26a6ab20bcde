package org.holdfast.lab.fuzz;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;

/// A room's fuzz test: a method with one byte array, on an object of its class.
///
/// @param name `Class.method`
record FuzzTarget(String name, Object test, Method method) {
    /// Finds a test on the class path.
    ///
    /// @param className with its package
    /// @throws IllegalArgumentException when there is no such test
    static FuzzTarget of(String className, String methodName) {
        try {
            Class<?> type = Class.forName(className);
            Method method = type.getDeclaredMethod(methodName, byte[].class);
            method.setAccessible(true);
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return new FuzzTarget(type.getSimpleName() + "." + methodName, constructor.newInstance(), method);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("no fuzz test " + className + "." + methodName + "(byte[])", e);
        }
    }

    /// Runs the test.
    ///
    /// @return what it threw
    Optional<Throwable> run(byte[] input) {
        try {
            method.invoke(test, (Object) input);
            return Optional.empty();
        } catch (InvocationTargetException e) {
            return Optional.ofNullable(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the method was made accessible", e);
        }
    }
}
