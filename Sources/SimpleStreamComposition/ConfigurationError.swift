/// A setting that cannot be used, said in one line.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    /// The variable's name, such as `DATABASE_URL`.
    package var variable: String
    /// What is wrong with it. Never holds a secret.
    package var problem: String
    /// What would be taken.
    package var accepted: String

    package init(_ variable: String, _ problem: String, accepted: String) {
        self.variable = variable
        self.problem = problem
        self.accepted = accepted
    }

    package var description: String {
        let problem = problem.hasSuffix(".") ? String(problem.dropLast()) : problem
        return Self.oneLine("\(variable): \(problem); accepted: \(accepted).")
    }

    /// The text without control characters, which would break the line or the terminal.
    private static func oneLine(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    }
}
