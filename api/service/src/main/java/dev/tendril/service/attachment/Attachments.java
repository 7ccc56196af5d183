package dev.tendril.service.attachment;

import dev.tendril.contract.chat.Attachment;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.auth.WorkerIdentity;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.problem.ProblemException;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Visitors' images, from their arrival to their chat.
@Singleton
public final class Attachments {

    /// Most bytes of an image as it arrives.
    static final int BYTES = 5 * 1024 * 1024;

    private static final int UNSENT = 12;
    private static final int ARRIVING = 6;
    private static final String PATH = "/api/v1/attachments/";
    private static final Pattern URL =
            Pattern.compile(
                    PATH + "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})");

    private final Transactions transactions;
    private final AttachmentStore store;
    private final Darkroom darkroom;
    private final UploadLimits limits;
    private final Semaphore arriving = new Semaphore(ARRIVING);

    Attachments(
            Transactions transactions,
            AttachmentStore store,
            Darkroom darkroom,
            UploadLimits limits) {
        this.transactions = transactions;
        this.store = store;
        this.darkroom = darkroom;
        this.limits = limits;
    }

    /// Takes an image in.
    ///
    /// @param network who sends it, for the limits
    /// @param body reads the bytes, called at most once
    Attachment take(Visitor visitor, String network, Arrival body) throws InterruptedException {
        limits.enter(visitor.sessionId().toString(), network);
        if (!arriving.tryAcquire()) {
            throw ProblemException.retryLater(ErrorCode.UNAVAILABLE, 5);
        }
        Developed image;
        try {
            image = darkroom.develop(body.read());
        } finally {
            arriving.release();
        }
        UUID id = transactions.write(tx -> store.insert(tx, visitor, image, UNSENT));
        if (id == null) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, "Send or remove the images that wait already.");
        }
        return new Attachment(
                id,
                PATH + id,
                image.mediaType(),
                image.width(),
                image.height(),
                image.content().length);
    }

    /// Forgets an image that was not sent; one that was stays.
    void drop(Visitor visitor, UUID id) {
        if (transactions.write(tx -> store.drop(tx, visitor, id)) == 0) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
    }

    /// The visitor's own image.
    StoredImage own(Visitor visitor, UUID id, boolean small) {
        return found(transactions.read(tx -> store.own(tx, visitor, id, small)));
    }

    /// An image of the chat whose run the worker holds.
    StoredImage leased(WorkerIdentity worker, long runId, UUID leaseToken, UUID id) {
        return found(transactions.read(tx -> store.leased(tx, worker, runId, leaseToken, id)));
    }

    /// An image of a chat, for whoever may see the whole chat.
    public StoredImage ofChat(Tx tx, UUID workspaceId, UUID chatId, UUID id, boolean small)
            throws SQLException {
        return found(store.ofChat(tx, workspaceId, chatId, id, small));
    }

    /// An image's id as it stands in a path. What cannot be one is as unknown as any other.
    public static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException _) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
    }

    /// The image that a part names; null when it names none of ours.
    public static @Nullable UUID idOf(Part.File file) {
        var match = URL.matcher(file.url());
        return match.matches() ? UUID.fromString(match.group(1)) : null;
    }

    /// Makes the images of a message the chat's, and tells the parts the truth about them.
    ///
    /// @throws ProblemException `not_found` when one is not the visitor's, or another chat's
    public List<Part> bind(Tx tx, Visitor visitor, UUID chatId, List<Part> parts)
            throws SQLException {
        UUID[] ids =
                parts.stream()
                        .filter(Part.File.class::isInstance)
                        .map(part -> idOf((Part.File) part))
                        .toArray(UUID[]::new);
        if (ids.length == 0) {
            return parts;
        }
        Map<UUID, String> types = store.bind(tx, visitor, chatId, ids);
        List<Part> bound = new ArrayList<>();
        for (Part part : parts) {
            bound.add(part instanceof Part.File file ? told(file, types::get) : part);
        }
        return bound;
    }

    private static Part told(Part.File file, Function<UUID, @Nullable String> types) {
        UUID id = idOf(file);
        String type = id == null ? null : types.apply(id);
        if (type == null) {
            throw new ProblemException(
                    ErrorCode.NOT_FOUND, "An image is no longer there. Attach it again.");
        }
        return new Part.File(type, file.url(), file.filename());
    }

    private static StoredImage found(@Nullable StoredImage image) {
        if (image == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        return image;
    }

    /// Reads a body.
    @FunctionalInterface
    interface Arrival {
        /// All of it.
        byte[] read() throws InterruptedException;
    }
}
