"""``coercion-detect train``: from the data set to a model folder with its card."""

from __future__ import annotations

from pathlib import Path

import typer


def train(
    data: Path = typer.Option(Path("data/examples.csv"), "--data", help="The labelled phrases."),
    output: Path = typer.Option(Path("models/tactics-en"), "--output", "-o", help="The model folder to write."),
    pipeline: Path = typer.Option(None, "--pipeline", help="Also keep the scikit-learn pipeline here (.joblib)."),
    conversations: Path = typer.Option(
        Path("data/conversations.jsonl"), help="Labelled conversations; where there are none, none can be read."
    ),
    keep_model: bool = typer.Option(
        False, "--keep-model", help="Leave the model in the output folder as it is, and learn conversations alone."
    ),
    vectors: bool = typer.Option(True, help="Use the word vectors beside the data, where there are any."),
    jobs: int = typer.Option(2, "--jobs", min=1, help="Processes to use; the result does not depend on it."),
) -> None:
    """Train a model; the same data give the same bytes. Needs the extra 'research'."""
    from rich.console import Console

    from coercion_detect import __version__
    from coercion_detect.errors import require
    from coercion_detect.taxonomy import note

    for module in ("sklearn", "joblib", "scipy"):
        require(module, extra="research")
    from coercion_detect.evaluation.card import write_card
    from coercion_detect.evaluation.conversation_card import learn_conversations
    from coercion_detect.model import Model
    from coercion_detect.training.conversations import load_conversations
    from coercion_detect.training.dataset import load_examples
    from coercion_detect.training.pipeline import save_pipeline
    from coercion_detect.training.train import Settings, train
    from coercion_detect.training.vectors import load_vectors

    console = Console(stderr=True, highlight=False)
    dataset = load_examples(data)
    if keep_model:
        kept = Model.load(output)
        with console.status("learning to read conversations"):
            learn_conversations(load_conversations(conversations), dataset, kept, output)
            kept.save(output)
        console.print(f"{kept.title} in {output} has learned to read conversations anew.")
        console.print(note())
        return
    known_words = load_vectors(data.parent) if vectors else None
    with console.status("training") as status:
        trained = train(
            dataset, version=__version__, vectors=known_words, settings=Settings(jobs=jobs), progress=status.update
        )
        status.update("measuring and writing the card")
        output.mkdir(parents=True, exist_ok=True)
        write_card(output, dataset, trained)
        if conversations.is_file():
            status.update("learning to read conversations")
            learn_conversations(load_conversations(conversations), dataset, trained.model, output)
        trained.model.save(output)
    if pipeline is not None:
        save_pipeline(trained.model, pipeline)
        console.print(f"The scikit-learn pipeline is in {pipeline}.")
    console.print(
        f"{trained.model.title}, trained on {len(dataset):,} texts, is in {output}. Read {output / 'CARD.md'}."
    )
    console.print(note())
