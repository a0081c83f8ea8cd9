import ArgumentParser
import SimpleStreamComposition
import SimpleStreamKit

/// Asks, and prints the answer as it comes.
struct AskCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask", abstract: "Ask a model (what ss-cli does without a subcommand).",
        discussion: """
            What is piped in follows the prompt; `-` reads a prompt that is typed.
            Words behind `--` are the prompt's, whatever they begin with.
            """)

    @Argument(help: ArgumentHelp("The prompt; its words are joined.", valueName: "prompt"))
    var words: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The model, as provider/model; a provider alone takes its default. [SS_MODEL]", valueName: "model"))
    var model: String?

    @Option(name: [.short, .long], help: ArgumentHelp("Standing instructions for this answer.", valueName: "text"))
    var system: String?

    @Flag(name: [.customShort("c"), .customLong("continue")], help: "Go on with the newest conversation.")
    var continues = false

    @Option(name: .customLong("cid"), help: ArgumentHelp("Go on with this conversation.", valueName: "id"))
    var conversationID: String?

    @Option(
        name: .customLong("attach"),
        help: ArgumentHelp("Send a picture or a PDF along; may come again.", valueName: "file"))
    var attachments: [String] = []

    @Option(
        name: .customLong("schema"),
        help: ArgumentHelp(
            "Ask for JSON that satisfies the JSON Schema in a file; else exit with 10.", valueName: "file"))
    var schemaPath: String?

    @OptionGroup(title: "Model options")
    var options: ModelOptions

    @OptionGroup(title: "Output options")
    var output: OutputOptions

    @OptionGroup(title: "Server options")
    var connection: ConnectionOptions

    func validate() throws {
        guard !continues || conversationID == nil else {
            throw ValidationError("-c and --cid exclude each other.")
        }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let style = output.style(in: context)
        do {
            let schema = try schemaPath.map { path throws(CommandFailure) in try JSONSchema(path: path) }
            let files = try attachments.map { path throws(CommandFailure) in try AttachmentFile(path: path) }
            let prompt = try await prompt(in: context)
            guard !prompt.allSatisfy(\.isWhitespace) || !files.isEmpty else {
                throw CommandFailure.usage(
                    "There is no prompt. Try: ss-cli \"Why is the sky blue?\", or ss-cli --help.")
            }
            return try await connection.withClient(context) { client in
                let session = RunSession(context: context, client: client, style: style, schema: schema)
                let (request, model) = try await request(prompt, schema, client, context)
                return try await session.ask(
                    Question(request: request, files: files), conversationID: request.conversationID, model: model)
            }
        } catch let failure as CommandFailure {
            return try await say(ChatError(failure.code, failure.message), failure.status, style, context)
        } catch let error as ConfigurationError {
            return try await say(ChatError(.invalidRequest, error.description), .configuration, style, context)
        } catch let error as ChatError {
            return try await say(error, ExitStatus(error.code), style, context)
        }
    }

    /// The words, and what is piped in.
    private func prompt(in context: CommandContext) async throws -> String {
        let asksForInput = words.contains("-")
        let typed = words.filter { $0 != "-" }.joined(separator: " ")
        guard asksForInput || !context.console.inputIsTerminal else { return typed }
        let piped = try await StandardInput.text(context.console.input)
        return [typed, piped].filter { !$0.allSatisfy(\.isWhitespace) }.joined(separator: "\n\n")
    }

    private func request(
        _ prompt: String, _ schema: JSONSchema?, _ client: any ChatClient, _ context: CommandContext
    ) async throws -> (ChatRequest, ModelName) {
        let conversation = try await conversation(client)
        let choice = ModelChoice(client: client, context: context)
        let name = try await choice.model(asked: model, in: conversation)
        var request = ChatRequest(
            prompt, conversationID: conversation?.id, provider: name.provider, model: name.model, systemPrompt: system,
            options: options.generationOptions)
        request.responseSchema = schema?.text
        return (request, name)
    }

    private func conversation(_ client: any ChatClient) async throws -> ConversationRecord? {
        if let conversationID { return try await client.conversation(conversationID) }
        guard continues else { return nil }
        guard let newest = try await client.conversations(matching: nil, limit: 1).first else {
            throw CommandFailure.usage("There is no conversation to go on with; leave -c out to begin one.")
        }
        return newest
    }

    /// Says why nothing was asked, in the form that was asked for.
    private func say(
        _ error: ChatError, _ status: ExitStatus, _ style: AnswerStyle, _ context: CommandContext
    ) async throws -> ExitStatus {
        switch style.mode {
        case .json:
            var transcript = RunTranscript(conversationID: conversationID, model: model.flatMap(ModelName.init))
            transcript.fail(error)
            try await context.console.print(transcript.json.text)
        case .events:
            try await context.console.print(String(decoding: Notice.error(error, requestID: nil).json, as: UTF8.self))
        case .stream, .whole: break
        }
        context.console.note("ss-cli: \(error.message)")
        return status
    }
}
