internal import CLibPQ

/// Owns what a statement returned.
///
/// Values are copied out: nothing of it is used after it is released.
@safe
final class QueryResult {
    private let pointer: OpaquePointer

    init?(owning pointer: OpaquePointer?) {
        guard let pointer = unsafe pointer else { return nil }
        unsafe self.pointer = pointer
    }

    deinit { unsafe PQclear(pointer) }

    enum Status {
        case rows, pipelineSync, pipelineAborted, failed
    }

    var status: Status {
        switch unsafe PQresultStatus(pointer) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .rows
        case PGRES_PIPELINE_SYNC: .pipelineSync
        case PGRES_PIPELINE_ABORTED: .pipelineAborted
        default: .failed
        }
    }

    var rowCount: Int { Int(unsafe PQntuples(pointer)) }

    /// How many rows a change touched.
    var changedRows: Int {
        guard let text = unsafe PQcmdTuples(pointer) else { return 0 }
        return Int(unsafe String(cString: text)) ?? 0
    }

    /// The rows, each read by `body` column by column.
    func map<Value>(_ body: (inout Columns) throws -> Value) throws -> [Value] {
        try (0..<rowCount).map { row in
            var columns = Columns(self, row: row)
            return try body(&columns)
        }
    }

    /// The first row, or nil.
    func first<Value>(_ body: (inout Columns) throws -> Value) throws -> Value? {
        guard rowCount > 0 else { return nil }
        var columns = Columns(self, row: 0)
        return try body(&columns)
    }

    /// The bytes of a value; nil for null and for what is not there.
    func bytes<Value>(row: Int, column: Int, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value? {
        guard row < rowCount, column < Int(unsafe PQnfields(pointer)) else { return nil }
        let (row, column) = (Int32(row), Int32(column))
        guard unsafe PQgetisnull(pointer, row, column) == 0, let value = unsafe PQgetvalue(pointer, row, column) else {
            return nil
        }
        let length = Int(unsafe PQgetlength(pointer, row, column))
        return unsafe try body(UnsafeRawBufferPointer(start: value, count: length))
    }

    /// What the server says went wrong.
    ///
    /// Messages on wrong data quote it, so theirs are left out.
    var error: PostgresError {
        let state = unsafe Self.text(ss_error_state(pointer))
        let message = unsafe Self.text(ss_error_message(pointer))
        let constraint = unsafe Self.text(ss_error_constraint(pointer))
        return PostgresError(
            kind: .refused, state: state, constraint: constraint,
            detail: state.hasPrefix("22") ? "a value is wrong" : message)
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        guard let pointer = unsafe pointer else { return "" }
        return unsafe String(cString: pointer)
    }
}
