package dev.tendril.service.auth;

import io.micronaut.core.convert.ArgumentConversionContext;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.bind.binders.TypedRequestArgumentBinder;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.filters.SecurityFilter;
import jakarta.inject.Singleton;
import java.util.Optional;

/// Hands the verified caller to a controller. Without a caller of the wanted kind the argument
/// stays unbound; the route's `@Secured` has answered 401 or 403 before that.
abstract class CallerBinder<T> implements TypedRequestArgumentBinder<T> {

    /// Attribute of [Authentication] that holds the caller.
    static final String CALLER = "caller";

    private final Class<T> type;
    private final Argument<T> argument;

    CallerBinder(Class<T> type) {
        this.type = type;
        this.argument = Argument.of(type);
    }

    @Override
    public Argument<T> argumentType() {
        return argument;
    }

    @Override
    public BindingResult<T> bind(ArgumentConversionContext<T> context, HttpRequest<?> request) {
        if (!request.getAttributes().contains(SecurityFilter.KEY)) {
            return BindingResult.unsatisfied();
        }
        Optional<T> caller = callerOf(request, type);
        return () -> caller;
    }

    static <T> Optional<T> callerOf(HttpRequest<?> request, Class<T> type) {
        return request.getUserPrincipal(Authentication.class)
                .map(authentication -> authentication.getAttributes().get(CALLER))
                .filter(type::isInstance)
                .map(type::cast);
    }

    @Singleton
    static final class OfVisitor extends CallerBinder<Visitor> {
        OfVisitor() {
            super(Visitor.class);
        }
    }

    @Singleton
    static final class OfWorker extends CallerBinder<WorkerIdentity> {
        OfWorker() {
            super(WorkerIdentity.class);
        }
    }
}
