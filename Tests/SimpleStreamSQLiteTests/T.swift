import Testing
@testable import SimpleStreamSQLite
