import SimpleStreamKit

@main
struct Embed {
    static func main() async throws {
        let chat = ChatService(providers: [EchoProvider()])
        try await chat.whileRunning {
            let request = ChatRequest("Hello from ten lines of Swift", provider: "demo", model: "echo")
            for try await event in try await chat.reply(to: request, of: "me") {
                if case .text(let piece) = event { print(piece, terminator: "") }
            }
            print()
        }
    }
}
