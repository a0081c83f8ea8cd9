import GRDB
import SimpleStreamKit

extension ChatError {
    /// What a database call threw, in our words.
    ///
    /// SQL and values stay out of it.
    init(storing error: any Error, path: String) {
        switch error {
        case let error as ChatError:
            self = error
        case is CancellationError:
            self.init(.cancelled, "The call was cancelled.")
        case let error as DatabaseError:
            self.init(error, path: path)
        default:
            self.init(
                .storageUnavailable, "The database holds something this program cannot read.", isRetryable: false,
                detail: "\(type(of: error)) in \(path)")
        }
    }

    private init(_ error: DatabaseError, path: String) {
        let detail = "SQLite \(error.extendedResultCode.rawValue), \(error.message ?? "no message"), \(path)"
        switch error.resultCode {
        case .SQLITE_CONSTRAINT:
            self.init(.internal, "Something went wrong.", detail: detail)
        case .SQLITE_TOOBIG:
            self.init(.payloadTooLarge, "A text is too large to be stored.", detail: detail)
        case .SQLITE_INTERRUPT:
            self.init(.cancelled, "The call was cancelled.", detail: detail)
        case .SQLITE_FULL:
            self.init(.storageUnavailable, "The disk or the database is full.", detail: detail)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.storageUnavailable, "The database is locked by another process.", detail: detail)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.storageUnavailable, "The database cannot be written.", detail: detail)
        case .SQLITE_CANTOPEN:
            self.init(.storageUnavailable, "The database cannot be opened.", detail: detail)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.storageUnavailable, "The database file is damaged.", isRetryable: false, detail: detail)
        default:
            self.init(.storageUnavailable, "The database does not work.", detail: detail)
        }
    }
}
