package dev.tendril.infra.chaos;

/// What is done to a running Tendril.
enum FaultKind {
    /// Connections between workers and relays are reset.
    WORKER_RESET("worker-reset", 14, false),
    /// Connections between visitors and a relay are reset.
    VISITOR_RESET("visitor-reset", 14, false),
    /// Connections between a relay and PostgreSQL are reset.
    DATABASE_RESET("database-reset", 10, false),
    /// Answers to visitors and workers are cut after a few bytes, for a while.
    CUT_SHORT("cut-short", 8, true),
    /// PostgreSQL ends one backend in order.
    BACKEND_END("backend-end", 10, false),
    /// `kill -9` of one backend: PostgreSQL ends all and recovers.
    BACKEND_KILL("backend-kill", 4, false),
    /// `kill -9` of all of PostgreSQL.
    DATABASE_KILL("database-kill", 4, false),
    /// Immediate shutdown of PostgreSQL.
    DATABASE_STOP("database-stop", 3, false),
    /// `kill -9` of a worker, started again after a pause.
    WORKER_KILL("worker-kill", 14, true),
    /// SIGSTOP of a worker beyond its lease, then SIGCONT.
    WORKER_SLEEP("worker-sleep", 9, true),
    /// `kill -9` of a relay, started again after a pause.
    RELAY_KILL("relay-kill", 7, true),
    /// SIGSTOP of a relay, then SIGCONT.
    RELAY_SLEEP("relay-sleep", 4, true),
    /// All relays in turn: SIGTERM, then a new start.
    ROLLING_RESTART("rolling-restart", 2, false);

    private final String label;
    private final int weight;
    private final boolean lasting;

    FaultKind(String label, int weight, boolean lasting) {
        this.label = label;
        this.weight = weight;
        this.lasting = lasting;
    }

    /// As plans and reports name it.
    String label() {
        return label;
    }

    /// How often it is drawn, compared with the others.
    int weight() {
        return weight;
    }

    /// Whether it holds for a drawn time.
    boolean lasting() {
        return lasting;
    }
}
