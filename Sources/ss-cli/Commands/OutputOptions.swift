import ArgumentParser

/// How a run is shown.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("no-stream"), help: "Print the answer when it is whole.")
    var isWhole = false

    @Flag(name: .customLong("json"), help: "Print one JSON object at the end, on failure too.")
    var isJSON = false

    @Flag(name: .customLong("events"), help: "Print the server's frames as they come, one JSON object a line.")
    var isEvents = false

    @Flag(
        name: .customLong("thinking"), inversion: .prefixedNo,
        help: "Show the model's thinking on standard error (default: on a terminal only).")
    var thinking: Bool?

    @Flag(
        name: .customLong("usage"), inversion: .prefixedNo,
        help: "Show tokens and cost on standard error (default: on a terminal only).")
    var usage: Bool?

    func validate() throws {
        guard [isWhole, isJSON, isEvents].count(where: \.self) <= 1 else {
            throw ValidationError("--no-stream, --json and --events exclude each other.")
        }
    }

    func style(in context: CommandContext) -> AnswerStyle {
        let mode: AnswerStyle.Mode = isJSON ? .json : isEvents ? .events : isWhole ? .whole : .stream
        let isShown = context.console.isInteractive && (mode == .stream || mode == .whole)
        return AnswerStyle(mode: mode, showsThinking: thinking ?? isShown, showsUsage: usage ?? isShown)
    }
}
