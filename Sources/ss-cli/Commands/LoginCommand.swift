import ArgumentParser
import HTTPTypes
import SimpleStreamKit

/// Asks a server to let this program in; its user says so in a browser.
struct LoginCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Sign in to a server, with a browser.",
        discussion: "The token it gives is kept in the configuration directory, where only you can read it.")

    @OptionGroup var connection: ConnectionOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        // Whatever token there is, a new one is asked for.
        let client = try connection.remoteClient(context, token: nil)
        let codes = try await client.json(
            client.request(.post, "/api/auth/device"), ["clientName": .string(Self.clientName(context))])
        guard let device = codes["deviceCode"]?.string, let code = codes["userCode"]?.string,
            let page = codes["verificationURL"]?.string
        else { throw client.stranger }
        let url = codes["verificationURLComplete"]?.string ?? page
        context.console.note("Open \(url)\nand let in the program with the code \(code).")
        let pause = Duration.seconds(min(max(codes["intervalSeconds"]?.int ?? 2, 1), 30))
        while true {
            let answer = try await client.json(
                client.request(.post, "/api/auth/device/token"), ["deviceCode": .string(device)])
            if let token = answer["token"]?.string {
                try StoredTokens(context).save(Secret(token), for: client.base)
                context.console.note("ss-cli: signed in to \(client.base.text).")
                return .success
            }
            try await Task.sleep(for: pause)
        }
    }

    /// What the page and the list of tokens call this program.
    private static func clientName(_ context: CommandContext) -> String {
        let host = context.variable("HOSTNAME").map { " on \($0)" } ?? ""
        return String(
            "ss-cli\(host)".unicodeScalars.filter { $0.isASCII && $0.value >= 32 }.map(Character.init).prefix(60))
    }
}

/// Gives the token back.
struct LogoutCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Sign out of a server: its token ends and is forgotten.")

    @OptionGroup var connection: ConnectionOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let base = try connection.remoteClient(context, token: nil).base
        guard let token = StoredTokens(context).token(for: base) else {
            context.console.note("ss-cli: not signed in to \(base.text).")
            return .success
        }
        let client = try connection.remoteClient(context, token: token)
        do {
            try await client.json(client.request(.post, "/api/auth/sign-out"), [:])
        } catch let failure as CommandFailure where failure.code == .unauthenticated {
            // It has ended already.
        }
        try StoredTokens(context).save(nil, for: base)
        context.console.note("ss-cli: signed out of \(base.text).")
        return .success
    }
}
