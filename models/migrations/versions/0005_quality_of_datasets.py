"""Quality of datasets"""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('quality',
    sa.Column('dataset_id', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('completeness', sa.Double(), nullable=True),
    sa.Column('validity', sa.Double(), nullable=True),
    sa.Column('uniqueness', sa.Double(), nullable=True),
    sa.Column('consistency', sa.Double(), nullable=True),
    sa.Column('timeliness', sa.Double(), nullable=True),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['datasets.id'], name=op.f('fk_quality_dataset_id_datasets'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quality')),
    sa.UniqueConstraint('dataset_id', 'version', 'day', name=op.f('uq_quality_dataset_id'))
    )
    with op.batch_alter_table('quality', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quality_dataset_id'), ['dataset_id'], unique=False)


def downgrade() -> None:
    op.drop_table('quality')
