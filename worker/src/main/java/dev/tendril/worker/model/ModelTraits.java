package dev.tendril.worker.model;

/// What is known about a model besides its name.
///
/// @param vision whether it takes images
/// @param window tokens of prompt and answer together; 0 when nobody said
/// @param maxOutput the longest answer in tokens, thoughts included; 0 when nobody said
/// @param price what its tokens cost
public record ModelTraits(boolean vision, int window, int maxOutput, Price price) {
    /// Text only, of unknown window, free.
    public static final ModelTraits UNKNOWN = new ModelTraits(false, 0, 0, Price.FREE);
}
