import ArgumentParser
import SimpleStreamKit

/// What the model is told besides the prompt.
struct ModelOptions: ParsableArguments {
    /// How much a model thinks.
    enum Effort: String, ExpressibleByArgument, CaseIterable {
        case none, minimal, low, medium, high, xhigh, max
    }

    /// How much a model says.
    enum Verbosity: String, ExpressibleByArgument, CaseIterable {
        case low, medium, high
    }

    @Option(help: "How much the model thinks.")
    var effort: Effort?

    @Option(help: "How much the model says.")
    var verbosity: Verbosity?

    @Option(help: ArgumentHelp("0 to 2; higher is more random.", valueName: "number"))
    var temperature: Double?

    @Option(help: ArgumentHelp("0 to 1; lower keeps to likelier words.", valueName: "number"))
    var topP: Double?

    @Option(help: ArgumentHelp("The most tokens the answer may take.", valueName: "count"))
    var maxTokens: Int?

    @Flag(help: "Let the provider search the web.")
    var webSearch = false

    @Option(
        help: ArgumentHelp(
            "With --web-search: tells the search roughly where you are, such as \"Lisbon, PT\".", valueName: "place"))
    var near: String?

    func validate() throws {
        if let temperature, !(0...2).contains(temperature) {
            throw ValidationError("--temperature must be a number from 0 to 2.")
        }
        if let topP, !(0...1).contains(topP) { throw ValidationError("--top-p must be a number from 0 to 1.") }
        if let maxTokens, !(1...10_000_000).contains(maxTokens) {
            throw ValidationError("--max-tokens must be a whole number from 1 to 10000000.")
        }
    }

    var generationOptions: GenerationOptions {
        GenerationOptions(
            reasoningEffort: effort?.rawValue, outputVerbosity: verbosity?.rawValue, temperature: temperature,
            topP: topP, maxTokens: maxTokens, webSearch: webSearch ? true : nil, location: webSearch ? location : nil)
    }

    /// City, region and country of `--near`; the country is its two letters at the end.
    private var location: ApproximateLocation? {
        let parts = (near ?? "").split(separator: ",").map { part in
            String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
        var names = parts.filter { !$0.isEmpty }
        var place = ApproximateLocation()
        if let last = names.last, last.count == 2, last.allSatisfy(\.isUppercase) {
            place.country = last
            names.removeLast()
        }
        place.city = names.first
        place.region = names.dropFirst().first
        return place == ApproximateLocation() ? nil : place
    }
}
