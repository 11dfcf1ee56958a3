import Decision

extension Decider: DecisionMaker {}
