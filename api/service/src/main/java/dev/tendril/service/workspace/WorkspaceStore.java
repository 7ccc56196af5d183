package dev.tendril.service.workspace;

import dev.tendril.contract.session.Site;
import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Workspaces.
@Singleton
public final class WorkspaceStore {

    private static final String FIND =
            """
            select w.id, w.slug, w.title, w.greeting, c.version, c.text
              from workspace w
              left join consent_text c on c.workspace_id = w.id and c.version = w.consent_version
             where w.slug = ?
            """;

    private static final String INSERT =
            """
            insert into workspace (slug, title, greeting) values (?, ?, ?)
            on conflict (slug) do nothing
            """;

    private static final String RETAIN =
            """
            update workspace set retain_days = ? where slug = ?
            """;

    private static final String LIST =
            """
            select w.id, w.slug, w.title, w.greeting, c.version, c.text
              from workspace w
              left join consent_text c on c.workspace_id = w.id and c.version = w.consent_version
             order by w.slug
            """;

    /// A text that is asked for already makes no new version.
    private static final String CONSENT =
            """
            with w as (
                select w.id, c.version as now, c.text
                  from workspace w
                  left join consent_text c on c.workspace_id = w.id and c.version = w.consent_version
                 where w.slug = ? for update of w
            ), next as (
                insert into consent_text (workspace_id, version, text)
                select w.id, (select coalesce(max(version), 0) + 1 from consent_text t where t.workspace_id = w.id), ?
                  from w where w.text is distinct from ?
                returning workspace_id, version
            ), audit as (
                insert into audit_entry (workspace_id, actor, action, subject)
                select workspace_id, 'cli', 'consent_changed', version::text from next
            )
            select coalesce((select version from next), w.now) as version from w
            """;

    private static final String ASK_FOR =
            """
            update workspace set consent_version = ? where slug = ?
            """;

    private final Database database;

    WorkspaceStore(Database database) {
        this.database = database;
    }

    /// The workspace of this slug, or null.
    public @Nullable Workspace find(String slug) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(FIND)) {
                statement.setString(1, slug);
                try (var row = statement.executeQuery()) {
                    return row.next() ? workspace(row) : null;
                }
            }
        });
    }

    /// Makes a workspace.
    ///
    /// @param slug `[a-z0-9][a-z0-9-]{0,39}`
    /// @param title 1 to 120 characters
    /// @return false if the slug is taken
    public boolean insert(String slug, String title, @Nullable String greeting) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(INSERT)) {
                statement.setString(1, slug);
                statement.setString(2, title);
                statement.setString(3, greeting);
                return statement.executeUpdate() == 1;
            }
        });
    }

    /// Sets after how many days of silence a chat is deleted.
    ///
    /// @param days 1 to 3650
    /// @return false if there is no such workspace
    public boolean retain(String slug, int days) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(RETAIN)) {
                statement.setInt(1, days);
                statement.setString(2, slug);
                return statement.executeUpdate() == 1;
            }
        });
    }

    /// Sets what visitors must agree to. A new text is a new version, which everybody is asked for
    /// again.
    ///
    /// @param text 1 to 4,000 characters; null asks for nothing any more
    /// @return the version; 0 when nothing is asked for
    /// @throws NoSuchElementException there is no such workspace
    public int consent(String slug, @Nullable String text) {
        return database.transaction(connection -> {
            int version = text == null ? 0 : version(connection, slug, text);
            try (var statement = connection.prepareStatement(ASK_FOR)) {
                statement.setObject(1, version == 0 ? null : version, Types.INTEGER);
                statement.setString(2, slug);
                if (statement.executeUpdate() == 0) {
                    throw new NoSuchElementException(slug);
                }
            }
            return version;
        });
    }

    private static int version(Connection connection, String slug, String text)
            throws SQLException {
        try (var statement = connection.prepareStatement(CONSENT)) {
            statement.setString(1, slug);
            statement.setString(2, text);
            statement.setString(3, text);
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new NoSuchElementException(slug);
                }
                return row.getInt("version");
            }
        }
    }

    /// All workspaces by slug.
    public List<Workspace> list() {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(LIST);
                    var rows = statement.executeQuery()) {
                List<Workspace> workspaces = new ArrayList<>();
                while (rows.next()) {
                    workspaces.add(workspace(rows));
                }
                return workspaces;
            }
        });
    }

    private static Workspace workspace(ResultSet row) throws SQLException {
        return new Workspace(
                row.getObject("id", UUID.class),
                row.getString("slug"),
                row.getString("title"),
                row.getString("greeting"),
                row.getString("text") == null
                        ? null
                        : new Site.Consent(row.getInt("version"), row.getString("text")));
    }

    /// @param slug the site's name in `/c/{site}`
    /// @param consent what visitors must agree to; null asks for nothing
    public record Workspace(
            UUID id,
            String slug,
            String title,
            @Nullable String greeting,
            Site.@Nullable Consent consent) {}
}
