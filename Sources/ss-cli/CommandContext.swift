/// What every command gets from its process.
struct CommandContext: Sendable {
    let environment: [String: String]
    let console: Console
    let interrupts: Interrupts

    /// The value of a variable; an empty one counts as none.
    func variable(_ name: String) -> String? {
        guard let value = environment[name], !value.isEmpty else { return nil }
        return value
    }
}
