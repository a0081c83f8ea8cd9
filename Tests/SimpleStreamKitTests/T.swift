import Testing
@testable import SimpleStreamKit
