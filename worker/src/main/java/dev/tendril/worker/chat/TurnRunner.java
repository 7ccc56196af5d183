package dev.tendril.worker.chat;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelFailure;
import dev.tendril.worker.model.ModelFault;
import dev.tendril.worker.run.FrameWriter;
import dev.tendril.worker.run.RunWork;
import io.micronaut.json.JsonMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers visitors' messages: the work of a run of kind `chat`.
public final class TurnRunner implements RunWork {
    private static final Logger LOG = LoggerFactory.getLogger(TurnRunner.class);

    private final ModelClient model;
    private final TurnTools tools;
    private final Persona persona;
    private final TurnLimits limits;
    private final JsonMapper json;
    private final ImageSource images;

    /// @param model who answers
    /// @param tools what it may call
    /// @param persona who it is
    /// @param limits where a turn ends at the latest
    /// @param json for checkpoints and tool arguments
    public TurnRunner(
            ModelClient model,
            TurnTools tools,
            Persona persona,
            TurnLimits limits,
            JsonMapper json) {
        this(model, tools, persona, limits, json, ImageSource.NONE);
    }

    /// @param images where visitors' images come from
    public TurnRunner(
            ModelClient model,
            TurnTools tools,
            Persona persona,
            TurnLimits limits,
            JsonMapper json,
            ImageSource images) {
        this.model = model;
        this.tools = tools;
        this.persona = persona;
        this.limits = limits;
        this.json = json;
        this.images = images;
    }

    @Override
    public void execute(ClaimedRun run, FrameWriter out)
            throws LinkException, InterruptedException {
        try {
            var seen = new TurnImages(run, images, model.traits().vision());
            new Turn(run, out, model, tools.begin(run), setting(), seen).answer();
        } catch (ModelFailure e) {
            if (e.fault() == ModelFault.ABORTED && Thread.interrupted()) {
                throw new InterruptedException();
            }
            LOG.warn(
                    "Run {} failed, attempt {}: {} ({})",
                    run.runId(),
                    run.attempt(),
                    e.getMessage(),
                    e.fault());
            fail(out, TurnFailure.of(e.fault()));
        } catch (CallRefused e) {
            LOG.error("Run {} failed, attempt {}: {}", run.runId(), run.attempt(), e.getMessage());
            fail(out, TurnFailure.INTERNAL);
        } catch (RuntimeException e) {
            LOG.error("Run {} failed, attempt {}", run.runId(), run.attempt(), e);
            fail(out, TurnFailure.INTERNAL);
        }
    }

    private Turn.Setting setting() {
        return new Turn.Setting(persona.text(), limits, json, tools.clock(), tools.build());
    }

    private static void fail(FrameWriter out, TurnFailure failure)
            throws LinkException, InterruptedException {
        out.fail(failure.code(), failure.text(), failure.retryable());
    }
}
