"""Everything a person touches: the project, the pipeline, the command and the dashboard.

The Python API has the verbs of the command::

    from app.project import Project
    from app import pipeline

    summary = pipeline.run(Project.load("demo"))     # land, build, reconcile, plan, publish
    summary.breaks, summary.impact, summary.snapshot
"""
