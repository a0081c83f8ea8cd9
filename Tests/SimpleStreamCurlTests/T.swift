import Testing
@testable import SimpleStreamCurl
