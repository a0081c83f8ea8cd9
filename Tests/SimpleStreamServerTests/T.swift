import Testing
@testable import SimpleStreamServer
