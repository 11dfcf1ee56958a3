extension PositionRules {
  /// Goes on with what other rules of the same market remember: a position outlives the stack that opened it.
  public mutating func adoptState(of other: PositionRules) {
    precondition(other.market == market, "rules of another market")
    state = other.state
  }
}
