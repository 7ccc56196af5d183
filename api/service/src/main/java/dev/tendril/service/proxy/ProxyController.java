package dev.tendril.service.proxy;

import dev.tendril.contract.session.OwnEndpoints;
import dev.tendril.service.auth.ClientAddress;
import dev.tendril.service.auth.Visitor;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/// A visitor's calls to a model of their own; see docs/protocol.md. Two paths and two headers go
/// on, nothing else.
@Controller("/api/v1/own")
@Secured(Visitor.ROLE)
@ExecuteOn(TaskExecutors.BLOCKING)
final class ProxyController {

    private final ModelProxy proxy;
    private final ClientAddress addresses;

    ProxyController(ModelProxy proxy, ClientAddress addresses) {
        this.proxy = proxy;
        this.addresses = addresses;
    }

    @Get("/endpoints")
    OwnEndpoints endpoints(Visitor visitor) {
        return new OwnEndpoints(proxy.allowed(visitor));
    }

    @Get("/models")
    HttpResponse<Publisher<byte[]>> models(
            Visitor visitor,
            HttpRequest<?> request,
            @Nullable @Header("X-Model-Endpoint") String endpoint,
            @Nullable @Header("X-Model-Key") String key)
            throws InterruptedException {
        return HttpResponse.<Publisher<byte[]>>ok(
                        proxy.pass(
                                visitor,
                                addresses.networkOf(request),
                                new ModelProxy.Wanted(endpoint, key),
                                "/models",
                                null))
                .contentType(MediaType.APPLICATION_JSON_TYPE);
    }

    @Post("/chat/completions")
    HttpResponse<Publisher<byte[]>> completions(
            Visitor visitor,
            HttpRequest<?> request,
            @Nullable @Header("X-Model-Endpoint") String endpoint,
            @Nullable @Header("X-Model-Key") String key,
            @Body byte[] body)
            throws InterruptedException {
        return HttpResponse.<Publisher<byte[]>>ok(
                        proxy.pass(
                                visitor,
                                addresses.networkOf(request),
                                new ModelProxy.Wanted(endpoint, key),
                                "/chat/completions",
                                body))
                .contentType(MediaType.TEXT_EVENT_STREAM_TYPE)
                .header("cache-control", "no-cache, no-transform")
                .header("x-accel-buffering", "no");
    }
}
