"""The hub's two evaluation operations, by their operationIds."""

_CONTROLLER = "OxenApiWeb.Controllers.EvaluationController"
CREATE = f"{_CONTROLLER}.create_evaluation"
GET = f"{_CONTROLLER}.get_evaluation"
