import ArgumentParser
import SimpleStreamKit

/// How a list is shown.
struct ListOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print a JSON array.")
    var isJSON = false

    /// Prints records as JSON, or as the table they are turned into.
    func print(_ records: [some Record], in context: CommandContext, as table: () -> Table) async throws {
        guard !isJSON else {
            return try await context.console.print(JSONValue.array(records.map(\.json)).text)
        }
        for line in table().lines { try await context.console.print(line) }
    }
}
