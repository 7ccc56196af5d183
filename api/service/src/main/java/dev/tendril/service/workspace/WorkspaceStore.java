package dev.tendril.service.workspace;

import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Workspaces.
@Singleton
public final class WorkspaceStore {

    private static final String FIND =
            """
            select id, slug, title, greeting from workspace where slug = ?
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
            select id, slug, title, greeting from workspace order by slug
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
                row.getString("greeting"));
    }

    /// @param slug the site's name in `/c/{site}`
    public record Workspace(UUID id, String slug, String title, @Nullable String greeting) {}
}
