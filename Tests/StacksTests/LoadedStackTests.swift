import Testing
@testable import Stacks
