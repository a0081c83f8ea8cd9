import ArgumentParser
import Logging
import NIOCore
import SimpleStreamComposition
import SimpleStreamKit
import SimpleStreamServer

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The program: serves, and looks after what it serves.
@main
struct SSServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ss-server",
        abstract: "Serve durable AI chat: web page, WebSocket and REST.",
        discussion: """
            Every option is also an environment variable: --database-url is DATABASE_URL. Flags win over the \
            environment, which wins over the file of --config. Keys are not taken from flags, where other users of the \
            machine can read them: --openai-api-key-file names a file with the key, OPENAI_API_KEY is the key itself.
            """,
        version: ServerVersion.current,
        subcommands: [Serve.self, CheckCommand.self, ConfigCommand.self, KeysCommand.self],
        defaultSubcommand: Serve.self
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch  where exitCode(for: error) == .validationFailure {
            let problem = message(for: error).replacing("\n", with: " ")
            Output.complain("ss-server: \(problem); accepted: what --help lists.")
            exit(withError: ExitCode(2))
        } catch {
            exit(withError: error)
        }
    }

    /// Runs a command's work; what goes wrong is one line for the operator and an exit status.
    static func run(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ExitCode {
            throw error
        } catch let error as ConfigurationError {
            Output.complain("ss-server: \(error)")
            throw ExitCode(2)
        } catch let error as TLSIdentity.Problem {
            let name = error.path == nil ? "TLS_CERT, TLS_KEY" : error.isKey ? "TLS_KEY" : "TLS_CERT"
            Output.complain("ss-server: \(name): \(error); accepted: PEM files that belong together.")
            throw ExitCode(2)
        } catch let error as ChatError {
            Output.complain("ss-server: " + (error.detail.map { "\(error.message) (\($0))" } ?? error.message))
            throw ExitCode.failure
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            Output.complain("ss-server: PORT: another program has it; accepted: a port that is free, or 0 for any.")
            throw ExitCode(2)
        } catch {
            Output.complain("ss-server: the server stopped: \(error)")
            throw ExitCode.failure
        }
    }
}
