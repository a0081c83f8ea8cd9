import ArgumentParser
import SimpleStreamComposition
import SimpleStreamKit

/// The command line: what it is called with decides which command runs.
struct SSCommand: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "ss-cli",
        abstract: "Ask a language model, and keep the conversation.",
        usage: """
            ss-cli [<options>] <prompt> ...
            <command> | ss-cli [<options>] [<prompt> ...]
            ss-cli <subcommand>
            """,
        version: "ss-cli \(version)",
        subcommands: [
            AskCommand.self, ModelsCommand.self, LogsCommand.self, RunsCommand.self, AttachCommand.self,
            StopCommand.self, KeysCommand.self, LoginCommand.self, LogoutCommand.self, TokensCommand.self,
        ],
        defaultSubcommand: AskCommand.self
    )

    /// Runs the command that `arguments` name and says what went wrong on standard error.
    static func run(_ arguments: [String], in context: CommandContext) async -> ExitStatus {
        let status: ExitStatus
        do {
            context.interrupts.listen()
            status = try await execute(arguments, in: context)
        } catch {
            status = await report(error, in: context)
        }
        await context.console.flush()
        return status
    }

    private static func execute(_ arguments: [String], in context: CommandContext) async throws -> ExitStatus {
        if ["--help", "-h", "help"].contains(arguments.first), arguments.count == 1 {
            try await context.console.output.write(overview + "\n")
            return .success
        }
        let arguments = subcommandFirst(arguments)
        var command = try parseAsRoot(arguments)
        try checkSubcommand(command, arguments)
        if let tool = command as? any ToolCommand { return try await tool.run(in: context) }
        // The parser's own: help of a subcommand.
        try command.run()
        return .success
    }

    /// The arguments with the server's options, which every subcommand takes, moved behind the subcommand they precede.
    private static func subcommandFirst(_ arguments: [String]) -> [String] {
        var start = 0
        while start < arguments.count {
            let parts = arguments[start].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, name == "--server" || name == "--token" else { break }
            start += parts.count == 2 ? 1 : 2
        }
        guard start > 0, start < arguments.count, isSubcommand(arguments[start]) else { return arguments }
        let rest = arguments[start...]
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end]) + arguments[..<start] + rest[end...]
    }

    private static func isSubcommand(_ word: String) -> Bool {
        configuration.subcommands.contains { $0.configuration.commandName == word }
    }

    /// A subcommand behind options would be taken for a prompt of one word.
    private static func checkSubcommand(_ command: any ParsableCommand, _ arguments: [String]) throws(CommandFailure) {
        guard let ask = command as? AskCommand, arguments.first != "ask", let word = ask.words.first,
            arguments.first != word, isSubcommand(word)
        else { return }
        throw CommandFailure.usage(
            "\(word) must come first, its options behind it; a prompt of that word is asked with `ss-cli ask … \(word)`."
        )
    }

    /// The subcommands, and the options of a plain question.
    private static var overview: String {
        let options = helpMessage(for: AskCommand.self, columns: 100)
        guard let start = options.firstRange(of: "ARGUMENTS:") else { return helpMessage(columns: 100) }
        let page = helpMessage(columns: 100)
        // The options of a question hold those two.
        let (from, to) = (page.firstRange(of: "OPTIONS:"), page.firstRange(of: "SUBCOMMANDS:"))
        guard let from, let to, from.lowerBound < to.lowerBound else { return page }
        return page[..<from.lowerBound] + page[to.lowerBound...] + "\n" + options[start.lowerBound...]
    }

    private static func report(_ error: any Error, in context: CommandContext) async -> ExitStatus {
        switch error {
        case let closed as OutputClosed:
            if closed.isByReader { return .success }
            context.console.note("ss-cli: standard output cannot be written: \(closed.description).")
            return .unexpected
        case let failure as CommandFailure:
            context.console.note("ss-cli: \(failure.message)")
            return failure.status
        case let error as ChatError:
            context.console.note("ss-cli: \(error.message)")
            return ExitStatus(error.code)
        case let error as ConfigurationError:
            context.console.note("ss-cli: \(error.description)")
            return .configuration
        case is CancellationError:
            return .interrupted
        default:
            return await parserSays(error, in: context)
        }
    }

    /// Help and version go to standard output, everything else the parser says to standard error.
    private static func parserSays(_ error: any Error, in context: CommandContext) async -> ExitStatus {
        let message = fullMessage(for: error)
        guard exitCode(for: error).isSuccess else {
            context.console.note(message.isEmpty ? "ss-cli: \(error)" : message)
            return error is ExitCode ? .unexpected : .usage
        }
        // Whoever closed the pipe has read enough of the help.
        try? await context.console.output.write(message + "\n")
        return .success
    }
}
