import ArgumentParser

/// A subcommand, run with the process's context instead of the globals.
protocol ToolCommand: ParsableCommand {
    /// Does the work.
    ///
    /// - Throws: `CommandFailure` or `ChatError`, which are said in one line on standard error.
    func run(in context: CommandContext) async throws -> ExitStatus
}
