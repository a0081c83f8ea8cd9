/// A rule an adapter broke.
///
/// Suites throw it, so that they need no test framework.
public struct ConformanceFailure: Error, CustomStringConvertible {
    public let description: String
}

/// Throws unless the condition holds.
package func require(
    _ condition: Bool, _ rule: @autoclosure () -> String = "rule broken", file: String = #fileID, line: Int = #line
) throws {
    guard condition else { throw ConformanceFailure(description: "\(rule()) (\(file):\(line))") }
}

/// Throws unless both are equal.
package func requireEqual<Value: Equatable>(
    _ found: Value, _ expected: Value, file: String = #fileID, line: Int = #line
) throws {
    guard found == expected else {
        let texts = [found, expected].map { String(String(describing: $0).prefix(2_000)) }
        throw ConformanceFailure(description: "found \(texts[0]), expected \(texts[1]) (\(file):\(line))")
    }
}

/// The value, or a failure when there is none.
package func unwrap<Value>(_ value: Value?, file: String = #fileID, line: Int = #line) throws -> Value {
    guard let value else { throw ConformanceFailure(description: "found nothing (\(file):\(line))") }
    return value
}
